import { Body, Controller, Get, HttpCode, Param, Post, Query, UseGuards } from '@nestjs/common';
import {
  ApiBearerAuth,
  ApiNoContentResponse,
  ApiOkResponse,
  ApiOperation,
  ApiTags,
} from '@nestjs/swagger';
import {
  ApiProblems,
  InvalidRequest,
  NotFound,
  Unauthenticated,
} from '../platform/errors/index.js';
import {
  AccountUnknown,
  AdminGuard,
  CurrentActor,
  InvalidCursor,
  ListQueryDto,
  readIdAt,
  readPageRequest,
  requireId,
  type Actor,
} from '../tenants/index.js';
import { AssignReplyDto, UnroutedReplyListDto } from './dto/unrouted-reply.dto.js';
import { ReplyOfAnotherTenant } from './receipts.errors.js';
import { UnroutedReplies } from './unrouted-replies.js';

@Controller('admin/inbound-unrouted')
@UseGuards(AdminGuard)
@ApiTags('Operators: unrouted replies')
@ApiBearerAuth('admin_token')
@ApiProblems(Unauthenticated)
export class InboundUnroutedController {
  constructor(private readonly replies: UnroutedReplies) {}

  /**
   * Replies that came to no message's URL and name no message of ours, from numbers to which no two-way message went over
   * the connection within seven days. One over a tenant's own connection can be read by the tenant already; it waits for
   * its account.
   */
  @Get()
  @ApiOperation({
    operationId: 'listUnroutedReplies',
    summary: 'List the replies of which it is not known whose they are, newest first',
  })
  @ApiOkResponse({ type: UnroutedReplyListDto })
  @ApiProblems(InvalidRequest, InvalidCursor)
  async list(@Query() query: ListQueryDto): Promise<UnroutedReplyListDto> {
    return UnroutedReplyListDto.of(await this.replies.list(readPageRequest(query)));
  }

  /** The tenant finds it among its inbound messages, `routed_by: "operator"`, and hears of it if it did not know of it yet. */
  @Post(':id/assign')
  @HttpCode(204)
  @ApiOperation({ operationId: 'assignUnroutedReply', summary: 'Say whose reply it is' })
  @ApiNoContentResponse()
  @ApiProblems(InvalidRequest, NotFound, AccountUnknown, ReplyOfAnotherTenant)
  async assign(
    @Param('id') id: string,
    @Body() body: AssignReplyDto,
    @CurrentActor() actor: Actor,
  ): Promise<void> {
    await this.replies.assign(requireId('inb', id), {
      tenantId: readIdAt('/tenant_id', 'ten', body.tenant_id),
      accountId: readIdAt('/account_id', 'acc', body.account_id),
      actor,
    });
  }
}
