import { Controller, Get, HttpCode, Param, Post, Query, UseGuards } from '@nestjs/common';
import { ApiBearerAuth, ApiBody, ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import { PauseDto } from '../accounts/index.js';
import {
  ApiProblems,
  InvalidRequest,
  NotFound,
  Unauthenticated,
} from '../platform/errors/index.js';
import {
  AdminGuard,
  CurrentActor,
  OptionalBody,
  readIdAt,
  InvalidCursor,
  readPageRequest,
  requireId,
  type Actor,
} from '../tenants/index.js';
import { LaneDto, LaneListDto, ListLanesQueryDto } from './dto/lane.dto.js';
import { LaneViews } from './lane-views.js';
import { OperatorActs } from './operator-acts.js';

@Controller('admin/lanes')
@UseGuards(AdminGuard)
@ApiTags('Operators: lanes')
@ApiBearerAuth('admin_token')
@ApiProblems(Unauthenticated)
export class LanesController {
  constructor(
    private readonly lanes: LaneViews,
    private readonly acts: OperatorActs,
  ) {}

  @Get()
  @ApiOperation({
    operationId: 'listLanes',
    summary: 'List the lanes of all tenants with their state',
  })
  @ApiOkResponse({ type: LaneListDto })
  @ApiProblems(InvalidRequest, InvalidCursor)
  async list(@Query() query: ListLanesQueryDto): Promise<LaneListDto> {
    const tenantId =
      query.tenant_id === undefined ? null : readIdAt('/tenant_id', 'ten', query.tenant_id);
    const filter = { tenantId, onlyWithWork: query.with_work ?? false };
    return LaneListDto.of(await this.lanes.list(readPageRequest(query), filter));
  }

  @Get(':account_id')
  @ApiOperation({ operationId: 'getLane', summary: 'Read the lane of an account' })
  @ApiOkResponse({ type: LaneDto })
  @ApiProblems(NotFound)
  async get(@Param('account_id') accountId: string): Promise<LaneDto> {
    return LaneDto.of(await this.lanes.get(requireId('acc', accountId)));
  }

  /** Messages are still accepted, and held. The tenant cannot end an operator's pause. */
  @Post(':account_id/pause')
  @HttpCode(200)
  @ApiOperation({ operationId: 'pauseLane', summary: 'Hold the messages of an account' })
  @ApiBody({ type: PauseDto, required: false })
  @ApiOkResponse({ type: LaneDto })
  @ApiProblems(InvalidRequest, NotFound)
  async pause(
    @Param('account_id') accountId: string,
    @OptionalBody() body: PauseDto,
    @CurrentActor() actor: Actor,
  ): Promise<LaneDto> {
    const id = requireId('acc', accountId);
    return LaneDto.of(await this.acts.pauseLane(id, body.reason ?? null, actor));
  }

  /** Ends the operator's pause; the tenant's own one stays. */
  @Post(':account_id/resume')
  @HttpCode(200)
  @ApiOperation({ operationId: 'resumeLane', summary: 'Send the messages of an account again' })
  @ApiOkResponse({ type: LaneDto })
  @ApiProblems(NotFound)
  async resume(
    @Param('account_id') accountId: string,
    @CurrentActor() actor: Actor,
  ): Promise<LaneDto> {
    return LaneDto.of(await this.acts.resumeLane(requireId('acc', accountId), actor));
  }
}
