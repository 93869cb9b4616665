import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { IsOptional, IsString, Length } from 'class-validator';
import type { DifferentMark } from '../../platform/database/index.js';
import {
  holdCauses,
  type Hold,
  type HoldCause,
  type InstallationView,
  type Marks,
} from '../installation-state.js';

const markNames: DifferentMark['mark'][] = ['system_identifier', 'timeline', 'database_oid'];

/** By what a database is told from a copy of it; null where the server does not let us read it. */
export class MarksDto {
  /**
   * Of the PostgreSQL server, made with it.
   * @example '7551234567890123456'
   */
  @ApiProperty({ type: String, nullable: true })
  system_identifier!: string | null;

  /**
   * Grows with each fail-over and each restore to an earlier time.
   * @example 1
   */
  @ApiProperty({ type: 'integer', nullable: true })
  timeline!: number | null;

  /**
   * Of the database within its server.
   * @example 16386
   */
  @ApiProperty({ type: 'integer', nullable: true })
  database_oid!: number | null;

  static of({ systemIdentifier, timeline, databaseOid }: Marks): MarksDto {
    return { system_identifier: systemIdentifier, timeline, database_oid: databaseOid };
  }
}

/** A mark that is another one than the installation knew. */
export class DifferentMarkDto {
  /**
   * What tells one database from another.
   * @example 'database_oid'
   */
  @ApiProperty({ enum: markNames, enumName: 'MarkName' })
  mark!: DifferentMark['mark'];

  /**
   * As it was last seen.
   * @example '16386'
   */
  stored!: string;

  /**
   * As it is now.
   * @example '24601'
   */
  present!: string;
}

/** Why nothing is sent. */
export class HoldDto {
  /**
   * Since when nothing is sent.
   * @example '2026-03-01T09:00:00.000Z'
   */
  @ApiProperty({ format: 'date-time' })
  since!: string;

  /**
   * `marks_differ`: the database is a restored or copied one, or has moved; `after_restore`: that command was run;
   * `operator`: held by hand.
   * @example 'marks_differ'
   */
  @ApiProperty({ enum: holdCauses, enumName: 'HoldCause' })
  because!: HoldCause;

  /**
   * People's words; null without any.
   * @example 'Copy for the audit'
   */
  @ApiProperty({ type: String, nullable: true })
  reason!: string | null;

  /** The marks that differed when the hold began. */
  difference!: DifferentMarkDto[];

  /**
   * When `after-restore` had dealt with what lay in the queue; null while it has not.
   * @example '2026-03-01T10:00:00.000Z'
   */
  @ApiProperty({ type: String, format: 'date-time', nullable: true })
  restored_work_at!: string | null;

  static of({ since, because, reason, difference, restoredWorkAt }: Hold): HoldDto {
    return {
      since: since.toISOString(),
      because,
      reason,
      difference: difference.map(({ mark, stored, present }) => ({ mark, stored, present })),
      restored_work_at: restoredWorkAt?.toISOString() ?? null,
    };
  }
}

/** This installation, the database that it knows, and the one that it is on. */
export class InstallationDto {
  /**
   * Made with the schema; a copy has the same one.
   * @example '3f0c2a4e-8f53-4a8a-9a39-5d3b8a3f6c11'
   */
  identity!: string;

  /** The marks as they were last accepted. */
  marks!: MarksDto;

  /**
   * When they were; null before the first start of a gateway.
   * @example '2026-03-01T09:00:00.000Z'
   */
  @ApiProperty({ type: String, format: 'date-time', nullable: true })
  marked_at!: string | null;

  /** The marks that the database has now. */
  present_marks!: MarksDto;

  /** null while it sends. */
  @ApiProperty({ type: HoldDto, nullable: true })
  hold!: HoldDto | null;

  static of({ identity, marks, markedAt, presentMarks, hold }: InstallationView): InstallationDto {
    return {
      identity,
      marks: MarksDto.of(marks),
      marked_at: markedAt?.toISOString() ?? null,
      present_marks: MarksDto.of(presentMarks),
      hold: hold === null ? null : HoldDto.of(hold),
    };
  }
}

/** Why the installation is held or released. */
export class HoldReasonDto {
  /**
   * For people and the audit log: 1 to 200 characters.
   * @example 'Moved to another server; the old one is off'
   */
  @ApiPropertyOptional({ type: String, nullable: true, minLength: 1, maxLength: 200 })
  @IsOptional()
  @IsString()
  @Length(1, 200)
  reason?: string | null;
}
