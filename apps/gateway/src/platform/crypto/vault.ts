import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';
import type { MasterKey } from '../config/index.js';

const VERSION = 'v1';
const CIPHER = 'aes-256-gcm';
const DATA_KEY_BYTES = 32;
const IV_BYTES = 12;
const TAG_BYTES = 16;

const whereDevelopmentKeptIt =
  'A key that npm start made is the file master-key in DATA_DIRECTORY (.data).';

/** A sealed value names a master key that MASTER_KEY no longer holds. */
export class MasterKeyMissing extends Error {
  override readonly name = 'MasterKeyMissing';

  constructor(readonly keyId: string) {
    super(
      `MASTER_KEY has no key with the id ${keyId}, which stored secrets are sealed with: restore it, behind the current one if there is one. ${whereDevelopmentKeptIt}`,
    );
  }
}

/** MASTER_KEY holds a key under the id that sealed values name, and it is another one. */
export class MasterKeyWrong extends Error {
  override readonly name = 'MasterKeyWrong';

  constructor(readonly keyId: string) {
    super(
      `The key with the id ${keyId} in MASTER_KEY is not the one that stored secrets are sealed with: restore that one, and give a new key an id of its own. ${whereDevelopmentKeptIt}`,
    );
  }
}

/** A sealed value was changed, cut, or belongs to another place. */
export class SealBroken extends Error {
  override readonly name = 'SealBroken';

  constructor() {
    super('A sealed value cannot be opened: it was changed, or it was sealed for another place.');
  }
}

/**
 * Envelope encryption for secrets at rest: a random data key seals the text, a master key wraps the
 * data key, so that a new master key needs new wraps only. The form is
 * `v1.<master key id>.<wrapped data key>.<iv>.<ciphertext>.<tag>`, in base64url.
 *
 * The context says where the value lives (tenant, row, field, version): a value copied to another
 * place does not open there.
 */
export class Vault {
  private readonly keys: ReadonlyMap<string, Buffer>;
  private readonly current: MasterKey;

  /** @param masterKeys the first seals, all of them open */
  constructor(masterKeys: readonly MasterKey[]) {
    const [current] = masterKeys;
    if (current === undefined) throw new Error('MASTER_KEY holds no key: nothing can be sealed');
    this.current = current;
    this.keys = new Map(masterKeys.map(({ id, key }) => [id, key]));
  }

  seal(plaintext: string, context: readonly string[]): string {
    const dataKey = randomBytes(DATA_KEY_BYTES);
    const iv = randomBytes(IV_BYTES);
    const cipher = createCipheriv(CIPHER, dataKey, iv).setAAD(associatedData('value', context));
    const ciphertext = Buffer.concat([cipher.update(plaintext, 'utf8'), cipher.final()]);
    return write({
      keyId: this.current.id,
      wrapped: this.wrap(dataKey),
      iv,
      ciphertext,
      tag: cipher.getAuthTag(),
    });
  }

  /**
   * @throws MasterKeyMissing
   * @throws SealBroken also when the context differs by a letter
   */
  open(sealed: string, context: readonly string[]): string {
    const { keyId, wrapped, iv, ciphertext, tag } = read(sealed);
    const dataKey = this.unwrap(keyId, wrapped);
    return decrypt(dataKey, iv, ciphertext, tag, associatedData('value', context)).toString('utf8');
  }

  /** Wraps the data key anew with the current master key; the text stays sealed. */
  rewrap(sealed: string): string {
    const { keyId, wrapped, ...value } = read(sealed);
    if (keyId === this.current.id) return sealed;
    const dataKey = this.unwrap(keyId, wrapped);
    return write({ ...value, keyId: this.current.id, wrapped: this.wrap(dataKey) });
  }

  /** @throws SealBroken */
  keyIdOf(sealed: string): string {
    return read(sealed).keyId;
  }

  get currentKeyId(): string {
    return this.current.id;
  }

  /**
   * Whether the keys are those that these values were sealed with. Of each key id one value that
   * opens is enough: a single damaged one is no reason not to start.
   *
   * @throws MasterKeyMissing
   * @throws MasterKeyWrong
   */
  assertOpens(sealedValues: Iterable<string>): void {
    const opened = new Map<string, boolean>();
    for (const sealed of sealedValues) {
      const { keyId, wrapped } = read(sealed);
      if (opened.get(keyId) !== true) opened.set(keyId, this.unwraps(keyId, wrapped));
    }
    const wrong = [...opened].find(([, opens]) => !opens);
    if (wrong !== undefined) throw new MasterKeyWrong(wrong[0]);
  }

  private unwraps(keyId: string, wrapped: Buffer): boolean {
    try {
      this.unwrap(keyId, wrapped);
      return true;
    } catch (error) {
      if (error instanceof SealBroken) return false;
      throw error;
    }
  }

  private wrap(dataKey: Buffer): Buffer {
    const { id, key } = this.current;
    const iv = randomBytes(IV_BYTES);
    const cipher = createCipheriv(CIPHER, key, iv).setAAD(associatedData('data key', [id]));
    return Buffer.concat([iv, cipher.update(dataKey), cipher.final(), cipher.getAuthTag()]);
  }

  private unwrap(keyId: string, wrapped: Buffer): Buffer {
    const key = this.keys.get(keyId);
    if (key === undefined) throw new MasterKeyMissing(keyId);
    if (wrapped.length !== IV_BYTES + DATA_KEY_BYTES + TAG_BYTES) throw new SealBroken();
    return decrypt(
      key,
      wrapped.subarray(0, IV_BYTES),
      wrapped.subarray(IV_BYTES, -TAG_BYTES),
      wrapped.subarray(-TAG_BYTES),
      associatedData('data key', [keyId]),
    );
  }
}

interface SealedParts {
  readonly keyId: string;
  readonly wrapped: Buffer;
  readonly iv: Buffer;
  readonly ciphertext: Buffer;
  readonly tag: Buffer;
}

function write({ keyId, wrapped, iv, ciphertext, tag }: SealedParts): string {
  const parts = [wrapped, iv, ciphertext, tag].map((part) => part.toString('base64url'));
  return [VERSION, keyId, ...parts].join('.');
}

function read(sealed: string): SealedParts {
  const [version, keyId, wrapped, iv, ciphertext, tag, ...rest] = sealed.split('.');
  if (version !== VERSION || !keyId || tag === undefined || rest.length > 0) throw new SealBroken();
  const parts = {
    keyId,
    wrapped: decode(wrapped),
    iv: decode(iv),
    ciphertext: decode(ciphertext),
    tag: decode(tag),
  };
  // A shorter tag would be easier to forge, and Node accepts it.
  if (parts.iv.length !== IV_BYTES || parts.tag.length !== TAG_BYTES) throw new SealBroken();
  return parts;
}

/** Strict: base64 has several spellings of the same bytes, and a seal has one. */
function decode(text: string | undefined): Buffer {
  const bytes = Buffer.from(text ?? '', 'base64url');
  if (bytes.toString('base64url') !== text) throw new SealBroken();
  return bytes;
}

function decrypt(key: Buffer, iv: Buffer, ciphertext: Buffer, tag: Buffer, aad: Buffer): Buffer {
  try {
    const decipher = createDecipheriv(CIPHER, key, iv).setAAD(aad).setAuthTag(tag);
    return Buffer.concat([decipher.update(ciphertext), decipher.final()]);
  } catch {
    throw new SealBroken();
  }
}

// JSON, so that ['a', 'b'] and ['a,b'] differ.
function associatedData(purpose: string, context: readonly string[]): Buffer {
  return Buffer.from(JSON.stringify(['tyrian', VERSION, purpose, ...context]));
}
