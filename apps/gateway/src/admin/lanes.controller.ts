import { Controller, Get, HttpCode, Param, Post, Query, UseGuards } from '@nestjs/common';
import {
  ApiAcceptedResponse,
  ApiBearerAuth,
  ApiBody,
  ApiOkResponse,
  ApiOperation,
  ApiTags,
} from '@nestjs/swagger';
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
import { LaneWithoutOwner, NoOtherWorker, NothingToProbe } from './admin.errors.js';
import { LaneDto, LaneListDto, ListLanesQueryDto } from './dto/lane.dto.js';
import { LaneOrders } from './lane-orders.js';
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
    private readonly orders: LaneOrders,
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

  /**
   * The owner begins nothing more, waits for what is on the wire and lets go; another worker takes the lane within
   * seconds. Whoever gave it up takes it again only where no other worker is left.
   */
  @Post(':account_id/hand-over')
  @HttpCode(202)
  @ApiOperation({
    operationId: 'handOverLane',
    summary: 'Move the lane of an account to another worker',
  })
  @ApiAcceptedResponse({ type: LaneDto })
  @ApiProblems(NotFound, LaneWithoutOwner, NoOtherWorker)
  async handOver(
    @Param('account_id') accountId: string,
    @CurrentActor() actor: Actor,
  ): Promise<LaneDto> {
    return LaneDto.of(await this.orders.handOver(requireId('acc', accountId), actor));
  }

  /**
   * For a lane that the provider paused, or that waits with `breaker_open`, `wrong_address` or `back_off`: asks now
   * instead of in its own time, a paused connection with the oldest message. A success resumes it; after a failure
   * everything is as before.
   */
  @Post(':account_id/probe')
  @HttpCode(202)
  @ApiOperation({
    operationId: 'probeLane',
    summary: 'Ask the provider at once whether the lane may go on',
  })
  @ApiAcceptedResponse({ type: LaneDto })
  @ApiProblems(NotFound, LaneWithoutOwner, NothingToProbe)
  async probe(
    @Param('account_id') accountId: string,
    @CurrentActor() actor: Actor,
  ): Promise<LaneDto> {
    return LaneDto.of(await this.orders.probe(requireId('acc', accountId), actor));
  }
}
