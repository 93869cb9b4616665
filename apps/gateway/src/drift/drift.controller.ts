import { Controller, Get, Query, UseGuards } from '@nestjs/common';
import { ApiBearerAuth, ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import { ApiProblems, InvalidRequest, Unauthenticated } from '../platform/errors/index.js';
import { AdminGuard, ListQueryDto, readPageRequest } from '../tenants/index.js';
import { DriftReader } from './drift-reader.js';
import { DriftListDto } from './dto/drift.dto.js';

@Controller('admin/drift')
@UseGuards(AdminGuard)
@ApiTags('Operators: drift')
@ApiBearerAuth('admin_token')
@ApiProblems(Unauthenticated)
export class DriftController {
  constructor(private readonly drift: DriftReader) {}

  /** Every difference is counted, whether or not the gateway could cope with it. Counts lag by a few seconds. */
  @Get()
  @ApiOperation({
    operationId: 'listDrift',
    summary: 'List how the provider differs from its known contract, the newest difference first',
  })
  @ApiOkResponse({ type: DriftListDto })
  @ApiProblems(InvalidRequest)
  async list(@Query() query: ListQueryDto): Promise<DriftListDto> {
    return DriftListDto.of(await this.drift.list(readPageRequest(query)));
  }
}
