import { Injectable } from '@nestjs/common';
import { Vault } from '../platform/crypto/index.js';
import { makeSigningSecret } from './signature.js';

/** Where a sealed secret lives. */
export interface SecretPlace {
  readonly tenantId: string;
  readonly endpointId: string;
  readonly version: number;
}

const mostOpened = 10_000;

/** Seals signing secrets, and opens them for signing. */
@Injectable()
export class SigningSecrets {
  private readonly opened = new Map<string, string>();

  constructor(private readonly vault: Vault) {}

  /** @returns the secret, to be shown once, and how it is kept */
  make(place: SecretPlace): { readonly secret: string; readonly sealed: string } {
    const secret = makeSigningSecret();
    return { secret, sealed: this.vault.seal(secret, contextOf(place)) };
  }

  /** @throws SealBroken, MasterKeyMissing */
  open(sealed: string, place: SecretPlace): string {
    const known = this.opened.get(sealed);
    if (known !== undefined) return known;
    const secret = this.vault.open(sealed, contextOf(place));
    if (this.opened.size >= mostOpened) this.opened.clear();
    this.opened.set(sealed, secret);
    return secret;
  }
}

function contextOf({ tenantId, endpointId, version }: SecretPlace): string[] {
  return ['webhook_secrets', tenantId, endpointId, 'sealed_secret', String(version)];
}
