import { describe, expect, it } from '@jest/globals';
import { AppError } from './app-error.js';
import { defineProblem, listProblems } from './problem.js';
import { DuplicateJsonKey, InvalidRequest, NotFound } from './request-errors.js';
import { OutcomeUnknown } from './service-errors.js';

const definition = {
  code: 'message_not_cancellable',
  status: 409,
  title: 'Message not cancellable',
  meaning: 'It is final.',
  action: 'Nothing.',
};

class MessageNotCancellable extends AppError {
  static readonly problem = defineProblem(definition);
  constructor(status: string) {
    super(MessageNotCancellable.problem, { detail: `The message is already ${status}.` });
  }
}

describe('AppError', () => {
  it('carries the problem of its class and the detail of its occurrence', () => {
    expect(new MessageNotCancellable('delivered').toProblem()).toEqual({
      type: 'urn:tyrian:problem:message_not_cancellable',
      title: 'Message not cancellable',
      status: 409,
      code: 'message_not_cancellable',
      detail: 'The message is already delivered.',
    });
  });

  it('bears the name of its class, so that logs tell errors apart', () => {
    expect(new MessageNotCancellable('sent').name).toBe('MessageNotCancellable');
  });

  it('shows a pointer where clients look for all pointers', () => {
    expect(new DuplicateJsonKey('/a/b').toProblem().errors).toEqual([
      { pointer: '/a/b', code: 'duplicate_json_key', detail: expect.any(String) },
    ]);
    const errors = [{ pointer: '/text', code: 'required', detail: 'text is required.' }];
    expect(new InvalidRequest(errors).toProblem()).toMatchObject({
      status: 400,
      detail: 'text is required.',
      errors,
    });
  });

  it('shows further members, never over those of the standard', () => {
    expect(new OutcomeUnknown('msg_1').toProblem()).toMatchObject({
      code: 'outcome_unknown',
      id: 'msg_1',
    });
    class Sly extends AppError {
      constructor() {
        super(definition, { extra: { status: 200, code: 'fine' } });
      }
    }
    expect(new Sly().toProblem()).toMatchObject({ status: 409, code: 'message_not_cancellable' });
  });

  it('answers absent and foreign objects with the same bytes', () => {
    expect(JSON.stringify(new NotFound().toProblem())).toBe(
      JSON.stringify(new NotFound().toProblem()),
    );
    expect(new NotFound().headers).toEqual({});
  });
});

describe('defineProblem', () => {
  it('refuses a code that has a meaning already', () => {
    expect(() => defineProblem(definition)).toThrow('defined twice');
  });

  it.each([
    ['Not_Snake', 400],
    ['fine', 200],
  ])('refuses the code %s with the status %s', (code, status) => {
    expect(() => defineProblem({ ...definition, code, status })).toThrow();
  });

  it('lists every problem once, by code', () => {
    const codes = listProblems().map(({ code }) => code);
    expect(codes).toEqual([...new Set(codes)].sort());
    expect(codes).toEqual(
      expect.arrayContaining(['internal_error', 'not_found', 'message_not_cancellable']),
    );
  });

  it('says for every problem what it means and what to do', () => {
    for (const { meaning, action, title } of listProblems()) {
      expect([title, meaning, action].every((text) => text.length > 0)).toBe(true);
    }
  });
});
