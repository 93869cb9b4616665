import { Controller, Get, ServiceUnavailableException } from '@nestjs/common';
import { ApiOperation, ApiTags } from '@nestjs/swagger';
import {
  HealthCheckService,
  type HealthCheckResult,
  type HealthIndicatorFunction,
} from '@nestjs/terminus';
import { ApiProblems } from '../platform/errors/index.js';
import { Startup } from '../platform/lifecycle/index.js';
import { HealthReportDto } from './health-report.dto.js';
import { NotReady } from './health.errors.js';
import { Readiness } from './readiness.js';

@ApiTags('Health')
@Controller('health')
export class HealthController {
  constructor(
    private readonly health: HealthCheckService,
    private readonly readiness: Readiness,
    private readonly start: Startup,
  ) {}

  @Get('live')
  @ApiOperation({ operationId: 'getLiveness', summary: 'Whether the event loop turns' })
  live(): HealthReportDto {
    return { status: 'ok', checks: {} };
  }

  @Get('ready')
  @ApiOperation({ operationId: 'getReadiness', summary: 'Whether to send requests here' })
  @ApiProblems(NotReady)
  async ready(): Promise<HealthReportDto> {
    return this.report([() => this.readiness.notDraining(), () => this.readiness.database()]);
  }

  /** What breaks later is for `ready` to tell. */
  @Get('startup')
  @ApiOperation({ operationId: 'getStartup', summary: 'Whether the start is over' })
  @ApiProblems(NotReady)
  async startup(): Promise<HealthReportDto> {
    if (!this.start.over) await this.report([() => this.readiness.database()]);
    this.start.finish();
    return { status: 'ok', checks: {} };
  }

  private async report(indicators: HealthIndicatorFunction[]): Promise<HealthReportDto> {
    try {
      const { details } = await this.health.check(indicators);
      return { status: 'ok', checks: details };
    } catch (error) {
      if (!(error instanceof ServiceUnavailableException)) throw error;
      throw new NotReady((error.getResponse() as HealthCheckResult).details);
    }
  }
}
