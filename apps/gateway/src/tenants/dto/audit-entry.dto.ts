import { ApiProperty } from '@nestjs/swagger';
import { IsOptional, IsString } from 'class-validator';
import { showId, type IdPrefix } from '../../platform/ids/index.js';
import type { ActorKind } from '../actor.js';
import type { AuditEntry } from '../audit-entry.entity.js';
import { noTenant, type AuditedKind } from '../audit-trail.js';
import type { Page } from '../page.js';
import { ListQueryDto } from './list-query.dto.js';

const prefixes: Partial<Record<AuditedKind, IdPrefix>> = {
  tenant: 'ten',
  api_key: 'key',
  account: 'acc',
  connection: 'con',
};
const objectKinds: AuditedKind[] = [
  'tenant',
  'api_key',
  'account',
  'connection',
  'callback_key',
  'installation',
];
const actorKinds: ActorKind[] = ['api_key', 'admin_token', 'system'];

/** Who did it. */
export class AuditActorDto {
  /**
   * `admin_token` is an operator, `system` the gateway itself.
   * @example 'api_key'
   */
  @ApiProperty({ enum: actorKinds, enumName: 'ActorKind' })
  kind!: ActorKind;

  /**
   * Id of the API key; for an operator the first 8 hexadecimal digits of the token's SHA-256.
   * @example 'key_01jf8z5v3we2r9n6k4q7t0xyzb'
   */
  id!: string;
}

/** What it was done to. */
export class AuditObjectDto {
  /**
   * What sort of object it is. New kinds may appear.
   * @example 'account'
   */
  @ApiProperty({ enum: objectKinds, enumName: 'AuditedKind' })
  kind!: AuditedKind;

  /**
   * The object’s id, as the API shows it elsewhere.
   * @example 'acc_01jf8z5v3we2r9n6k4q7t0xyzb'
   */
  id!: string;
}

/** One write that is not a message. */
export class AuditEntryDto {
  /**
   * Names the entry.
   * @example 'aud_01jf8z5v3we2r9n6k4q7t0xyzb'
   */
  id!: string;

  /**
   * The tenant concerned; null where an operator's act concerns the installation.
   * @example 'ten_01jf8z5v3we2r9n6k4q7t0xyzb'
   */
  @ApiProperty({ type: String, nullable: true })
  tenant_id!: string | null;

  /**
   * When it was done.
   * @example '2026-03-01T09:00:00.000Z'
   */
  @ApiProperty({ format: 'date-time' })
  at!: string;

  /** Who did it. */
  actor!: AuditActorDto;

  /**
   * The object's kind and what was done to it. New actions may appear.
   * @example 'account.paused'
   */
  action!: string;

  /** What it was done to. */
  object!: AuditObjectDto;

  /**
   * The changed fields as they were, without secrets; null for a new object.
   * @example { "name": "Main" }
   */
  @ApiProperty({ type: 'object', additionalProperties: true, nullable: true })
  before!: Record<string, unknown> | null;

  /**
   * The changed fields as they are, without secrets; null for one that is gone.
   * @example { "name": "Shop" }
   */
  @ApiProperty({ type: 'object', additionalProperties: true, nullable: true })
  after!: Record<string, unknown> | null;

  /**
   * The X-Request-Id of the request that did it.
   * @example '4bf92f3577b34da6a3ce929d0e0e4736'
   */
  @ApiProperty({ type: String, nullable: true })
  request_id!: string | null;

  static of(entry: AuditEntry): AuditEntryDto {
    const kind = entry.objectKind as AuditedKind;
    const prefix = prefixes[kind];
    return {
      id: showId('aud', entry.id),
      tenant_id: entry.tenantId === noTenant ? null : showId('ten', entry.tenantId),
      at: entry.at.toISOString(),
      actor: {
        kind: entry.actorKind,
        id: entry.actorKind === 'api_key' ? showId('key', entry.actorId) : entry.actorId,
      },
      action: entry.action,
      object: { kind, id: prefix === undefined ? entry.objectId : showId(prefix, entry.objectId) },
      before: entry.before,
      after: entry.after,
      request_id: entry.requestId,
    };
  }
}

/** A page of the audit log, newest first. */
export class AuditLogDto {
  /** The entries of this page. */
  data!: AuditEntryDto[];

  /**
   * For the next page; null on the last one.
   * @example 'AZ2fP3sOcHeKX5Cme8Y2kA'
   */
  @ApiProperty({ type: String, nullable: true })
  next_cursor!: string | null;

  static of({ rows, nextCursor }: Page<AuditEntry>): AuditLogDto {
    return { data: rows.map((row) => AuditEntryDto.of(row)), next_cursor: nextCursor };
  }
}

/** Which part of the audit log to show. */
export class AdminAuditQueryDto extends ListQueryDto {
  /**
   * Only what concerns this tenant.
   * @example 'ten_01jf8z5v3we2r9n6k4q7t0xyzb'
   */
  @IsOptional()
  @IsString()
  tenant_id?: string;
}
