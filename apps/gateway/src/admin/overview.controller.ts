import { Controller, Get, UseGuards } from '@nestjs/common';
import { ApiBearerAuth, ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import { ApiProblems, Unauthenticated } from '../platform/errors/index.js';
import { AdminGuard } from '../tenants/index.js';
import { OverviewDto } from './dto/overview.dto.js';
import { SystemStateReader } from './system-state.js';

@Controller('admin/overview')
@UseGuards(AdminGuard)
@ApiTags('Operators: overview')
@ApiBearerAuth('admin_token')
@ApiProblems(Unauthenticated)
export class OverviewController {
  constructor(private readonly state: SystemStateReader) {}

  @Get()
  @ApiOperation({
    operationId: 'getOverview',
    summary: 'Read the state of the whole installation',
  })
  @ApiOkResponse({ type: OverviewDto })
  async read(): Promise<OverviewDto> {
    return OverviewDto.of(await this.state.recent());
  }
}
