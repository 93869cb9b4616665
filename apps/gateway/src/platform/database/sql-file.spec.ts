import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { sqlFile } from './sql-file.js';

let folder: string;
let caller: string;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'tyrian-sql-'));
  caller = pathToFileURL(join(folder, 'caller.js')).href;
  writeFileSync(join(folder, 'one.sql'), '\nselect 1;\n');
  writeFileSync(join(folder, 'other.sql'), 'select 2');
});

afterAll(() => rmSync(folder, { recursive: true }));

describe('a statement of a file', () => {
  it('is read from beside its caller, without the semicolon at its end', () => {
    expect(sqlFile(caller, './one.sql').text).toBe('select 1');
  });

  it('has a name that changes with its text, so that no connection runs an older one', () => {
    const before = sqlFile(caller, './one.sql').name;
    expect(before).toMatch(/^one_[0-9a-f]{8}$/);
    expect(sqlFile(caller, './one.sql').name).toBe(before);
    writeFileSync(join(folder, 'one.sql'), 'select 3');
    expect(sqlFile(caller, './one.sql').name).not.toBe(before);
    expect(sqlFile(caller, './other.sql').name).toMatch(/^other_/);
  });
});
