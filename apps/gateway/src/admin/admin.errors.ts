import { AppError, defineProblem } from '../platform/errors/index.js';

export class LaneWithoutOwner extends AppError {
  static readonly problem = defineProblem({
    code: 'lane_without_owner',
    status: 409,
    title: 'Lane without an owner',
    meaning: 'No worker owns the lane: it has nothing to do, or no worker runs.',
    action: 'Nothing where it is idle; where it has work, see that a worker runs.',
  });

  constructor() {
    super(LaneWithoutOwner.problem, { detail: 'No worker owns the lane at present.' });
  }
}

export class NoOtherWorker extends AppError {
  static readonly problem = defineProblem({
    code: 'no_other_worker',
    status: 409,
    title: 'No other worker',
    meaning: 'There is no other worker with a present heartbeat that could take the lane.',
    action: 'Start another worker, and repeat.',
  });

  constructor() {
    super(NoOtherWorker.problem, {
      detail: 'There is no other worker with a present heartbeat that could take the lane.',
    });
  }
}

export class NothingToProbe extends AppError {
  static readonly problem = defineProblem({
    code: 'nothing_to_probe',
    status: 409,
    title: 'Nothing to probe',
    meaning: 'The lane does not wait for something that a call to the provider would tell.',
    action: 'Look at its `state` and `reason`.',
  });

  constructor(state: string, reason: string | null) {
    const why = reason === null ? '' : ` (${reason})`;
    super(NothingToProbe.problem, {
      detail: `The lane is ${state}${why}: a call to the provider would tell nothing.`,
    });
  }
}
