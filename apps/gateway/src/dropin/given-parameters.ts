import { readParameters, type Parameters } from '#viber';
import { InvalidRequest } from '../platform/errors/index.js';
import { isStorable } from '../platform/http/index.js';

/** The parameters of a request, one at a time; `0`, an empty text and null mean "not given", as the clients write them. */
export class GivenParameters {
  private constructor(private readonly parameters: Parameters) {}

  /** @throws InvalidRequest where the body cannot be read */
  static of(body: Buffer | undefined): GivenParameters {
    const parameters = readParameters(body ?? Buffer.alloc(0));
    if (parameters === null) throw wrongParameter('body');
    return new GivenParameters(parameters);
  }

  /** How many parameters there are that the call does not know. */
  countBeside(known: ReadonlySet<string>): number {
    return [...this.parameters.keys()].filter((name) => !known.has(name)).length;
  }

  /** @throws InvalidRequest for what is no text, or one that cannot be kept */
  text(name: string): string | null {
    const value = this.parameters.get(name);
    if (value === undefined || value === '') return null;
    if (value === null || !isStorable(value)) throw wrongParameter(name);
    return value;
  }

  /** A whole number from 1 on, written as a number or as a text. @throws InvalidRequest for anything else */
  integer(name: string): number | null {
    const digits = this.text(name)?.trim();
    if (digits === undefined || digits === '0') return null;
    const value = /^\d{1,16}$/.test(digits) ? Number(digits) : NaN;
    if (!Number.isSafeInteger(value)) throw wrongParameter(name);
    return value;
  }
}

/** Of errors that point to a parameter of the provider's by its own name. */
export const wrongParameterCode = 'invalid_parameter';

/** @param name as the provider's documentation has it */
export function wrongParameter(name: string): InvalidRequest {
  return new InvalidRequest([
    { pointer: `/${name}`, code: wrongParameterCode, detail: `${name} is missing or not right.` },
  ]);
}
