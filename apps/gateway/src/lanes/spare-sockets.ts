import { Injectable } from '@nestjs/common';

/** Sockets to the provider beside those of sends, for all lanes of a process together. */
export const socketsForPolls = 80;
export const socketsForQuestions = 20;

/** A bounded number of calls that are under way at a time. */
export class Slots {
  private inUse = 0;

  constructor(private readonly size: number) {}

  get free(): number {
    return this.size - this.inUse;
  }

  /** Takes as many as there are, at most these. @returns how many */
  take(most: number): number {
    const taken = Math.max(0, Math.min(most, this.free));
    this.inUse += taken;
    return taken;
  }

  giveBack(count: number): void {
    this.inUse -= count;
  }
}

/**
 * Polls and harmless questions have sockets of their own, and no more of them: nothing of theirs stands before a send
 * in the queue of the HTTP client, where the budget of its intent would run out (DISPATCH 5).
 */
@Injectable()
export class SpareSockets {
  readonly polls = new Slots(socketsForPolls);
  readonly questions = new Slots(socketsForQuestions);
}
