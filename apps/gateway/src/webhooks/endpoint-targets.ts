import { Injectable } from '@nestjs/common';
import { sqlFile, type Transaction } from '../platform/database/index.js';
import { SigningSecrets } from './signing-secrets.js';

export interface EndpointKey {
  readonly tenantId: string;
  readonly endpointId: string;
}

/** Where an endpoint is, and what signs for it. */
export interface EndpointTarget extends EndpointKey {
  readonly url: string;
  /** Those that are valid now, the current one first. */
  readonly secrets: readonly string[];
}

interface TargetRow {
  readonly tenant_id: string;
  readonly endpoint_id: string;
  readonly url: string;
  readonly secrets: readonly { readonly version: number; readonly sealed: string }[];
}

const readTargets = sqlFile(import.meta.url, './sql/read-targets.sql');

/** Reads endpoints for whoever calls them, with their secrets opened. */
@Injectable()
export class EndpointTargets {
  constructor(private readonly secrets: SigningSecrets) {}

  /** Those of the endpoints that exist. */
  async read(tx: Transaction, keys: readonly EndpointKey[]): Promise<EndpointTarget[]> {
    const rows = await tx.query<TargetRow>(readTargets, [
      keys.map(({ tenantId }) => tenantId),
      keys.map(({ endpointId }) => endpointId),
    ]);
    return rows.map(({ tenant_id: tenantId, endpoint_id: endpointId, url, secrets }) => ({
      tenantId,
      endpointId,
      url,
      secrets: secrets.map(({ version, sealed }) =>
        this.secrets.open(sealed, { tenantId, endpointId, version }),
      ),
    }));
  }
}
