import { Controller, HttpCode, Param, Post, UseGuards } from '@nestjs/common';
import { ApiBearerAuth, ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import { ApiProblems, NotFound, Unauthenticated } from '../platform/errors/index.js';
import { AdminGuard, CurrentActor, requireId, type Actor } from '../tenants/index.js';
import { ConnectionDto } from './dto/connection.dto.js';
import { OperatorActs } from './operator-acts.js';

@Controller('admin/connections')
@UseGuards(AdminGuard)
@ApiTags('Operators: connections')
@ApiBearerAuth('admin_token')
@ApiProblems(Unauthenticated)
export class ConnectionsController {
  constructor(private readonly acts: OperatorActs) {}

  /**
   * For a key that the provider refused and now takes again, or asked to wait with. If it still refuses, the pause
   * comes back.
   */
  @Post(':id/resume')
  @HttpCode(200)
  @ApiOperation({
    operationId: 'resumeConnection',
    summary: 'End the provider’s pause of a connection',
  })
  @ApiOkResponse({ type: ConnectionDto })
  @ApiProblems(NotFound)
  async resume(@Param('id') id: string, @CurrentActor() actor: Actor): Promise<ConnectionDto> {
    return ConnectionDto.of(await this.acts.resumeConnection(requireId('con', id), actor));
  }
}
