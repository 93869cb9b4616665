import type { Environment } from './configuration.js';
import {
  variableNamed,
  type ChoiceName,
  type ChoiceOf,
  type ConfigurationVariable,
  type VariableName,
} from './variables.js';

export type EnvironmentVariables = Readonly<Record<string, string | undefined>>;

/** Returns the text of a file that a `…_FILE` variable names; throws when it cannot be read. */
export type ReadFile = (path: string) => string;

const TRUE = new Set(['true', '1', 'yes', 'on']);
const FALSE = new Set(['false', '0', 'no', 'off']);

/**
 * Reads variables by their row in the table. A wrong value is noted and stands as its default (or as
 * an empty one), so that one start shows every mistake.
 */
export class VariableReader {
  readonly problems: string[] = [];
  /** Variables with a wrong value: checks that compare several leave them out. */
  readonly unusable = new Set<string>();

  constructor(
    private readonly env: EnvironmentVariables,
    private readonly readFile: ReadFile,
    public environment: Environment = 'development',
  ) {}

  reject(name: VariableName, reason: string): void {
    this.problems.push(`${name} ${reason}`);
    this.unusable.add(name);
  }

  /** An empty variable counts as not set: that is what compose files pass for `${X:-}`. */
  isSet(name: VariableName): boolean {
    return this.given(name) !== null;
  }

  text(name: VariableName): string | null {
    return this.given(name) ?? this.defaultOf(variableNamed(name));
  }

  integer(name: VariableName): number {
    const variable = variableNamed(name);
    const text = this.text(name);
    const { minimum = 0, maximum = Number.MAX_SAFE_INTEGER } = variable;
    if (text !== null && /^\d{1,15}$/.test(text)) {
      const value = Number(text);
      if (value >= minimum && value <= maximum) return value;
    }
    if (text !== null) {
      const unit = variable.unit === undefined ? '' : ` ${variable.unit}`;
      this.reject(
        name,
        `must be a whole number from ${minimum} to ${maximum}${unit}, not ${shown(text)}`,
      );
    }
    return Number(this.defaultOf(variable) ?? minimum);
  }

  boolean(name: VariableName): boolean {
    const text = (this.text(name) ?? 'false').toLowerCase();
    if (TRUE.has(text)) return true;
    if (!FALSE.has(text)) this.reject(name, `must be true or false, not ${shown(text)}`);
    return false;
  }

  choice<Name extends ChoiceName>(name: Name): ChoiceOf<Name> {
    const variable = variableNamed(name);
    const text = this.text(name) ?? '';
    if (variable.choices?.includes(text)) return text as ChoiceOf<Name>;
    this.reject(name, `must be one of ${variable.choices?.join(', ')}, not ${shown(text)}`);
    return (this.defaultOf(variable) ?? '') as ChoiceOf<Name>;
  }

  list(name: VariableName): string[] {
    const variable = variableNamed(name);
    const text = this.text(name);
    const entries = (text ?? '')
      .split(',')
      .map((entry) => entry.trim())
      .filter((entry) => entry !== '');
    // Else a lone comma would pass for a secret that is set.
    if (text !== null && entries.length === 0) this.reject(name, 'is a list without an entry');
    const { choices } = variable;
    const unknown = choices && entries.find((entry) => !choices.includes(entry));
    if (unknown !== undefined) {
      this.reject(name, `may list ${choices?.join(', ')}, not ${shown(unknown)}`);
    }
    return entries;
  }

  /** Without the slash at its end. */
  httpUrl(name: VariableName): string | null {
    const text = this.text(name);
    if (text === null) return null;
    const url = parseUrl(text);
    if (url === null || !['http:', 'https:'].includes(url.protocol)) {
      this.reject(name, 'must be a URL that begins with http:// or https://');
    } else if (url.username !== '' || url.password !== '') {
      this.reject(name, 'must not hold a user or a password');
    } else if (url.search !== '' || url.hash !== '') {
      this.reject(name, 'must have neither a query nor a fragment');
    } else {
      return url.href.replace(/\/+$/, '');
    }
    return null;
  }

  /** May hold a user and a password, and no path. */
  proxyUrl(name: VariableName): string | null {
    const text = this.text(name);
    if (text === null) return null;
    const url = parseUrl(text);
    if (url?.protocol === 'http:' && url.pathname === '/' && url.search === '') return url.href;
    this.reject(
      name,
      'must be a URL such as http://user:password@host:3128; special characters in the password are percent-encoded',
    );
    return null;
  }

  /** The certificates in the file that the variable names. */
  certificates(name: VariableName): string | null {
    const path = this.text(name);
    if (path === null) return null;
    try {
      const pem = this.readFile(path);
      if (pem.includes('-----BEGIN CERTIFICATE-----')) return pem;
      this.reject(name, 'names a file that holds no certificate in PEM');
    } catch (error) {
      const code = (error as NodeJS.ErrnoException).code ?? 'unreadable';
      this.reject(name, `names a file that cannot be read (${code})`);
    }
    return null;
  }

  postgresUrl(name: VariableName): string | null {
    const text = this.text(name);
    if (text === null) return null;
    const url = parseUrl(text);
    if (url !== null && ['postgres:', 'postgresql:'].includes(url.protocol)) return text;
    this.reject(
      name,
      'must be a URL such as postgres://user:password@host:5432/database; special characters in the password are percent-encoded',
    );
    return null;
  }

  private readonly values = new Map<string, string | null>();

  private given(name: VariableName): string | null {
    let value = this.values.get(name);
    if (value === undefined) {
      value = this.read(name);
      this.values.set(name, value);
    }
    return value;
  }

  private read(name: VariableName): string | null {
    const direct = trimmed(this.env[name]);
    if (variableNamed(name).secret !== true) return direct;
    const path = trimmed(this.env[`${name}_FILE`]);
    if (path === null) return direct;
    if (direct !== null) {
      this.reject(name, `is set twice: as ${name} and as ${name}_FILE`);
      return direct;
    }
    try {
      const content = trimmed(this.readFile(path));
      if (content === null) this.reject(name, `is empty in the file that ${name}_FILE names`);
      return content;
    } catch (error) {
      const code = (error as NodeJS.ErrnoException).code ?? 'unreadable';
      this.reject(name, `cannot be read from the file that ${name}_FILE names (${code})`);
      return null;
    }
  }

  private defaultOf(variable: ConfigurationVariable): string | null {
    if (this.environment !== 'production') {
      const own = variable.defaultIn?.[this.environment];
      if (own !== undefined) return own;
    }
    return variable.default;
  }
}

function trimmed(text: string | undefined): string | null {
  const value = text?.trim() ?? '';
  return value === '' ? null : value;
}

function parseUrl(text: string): URL | null {
  return URL.canParse(text) ? new URL(text) : null;
}

/** Only for variables that are no secrets. */
function shown(text: string): string {
  return JSON.stringify(text.length > 60 ? `${text.slice(0, 60)}…` : text);
}
