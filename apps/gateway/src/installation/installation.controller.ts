import { Controller, Get, HttpCode, Post, UseGuards } from '@nestjs/common';
import { ApiBearerAuth, ApiBody, ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import { ApiProblems, InvalidRequest, Unauthenticated } from '../platform/errors/index.js';
import { AdminGuard, CurrentActor, OptionalBody, type Actor } from '../tenants/index.js';
import { HoldReasonDto, InstallationDto } from './dto/installation.dto.js';
import { InstallationState } from './installation-state.js';

@Controller('admin/installation')
@UseGuards(AdminGuard)
@ApiTags('Operators: installation')
@ApiBearerAuth('admin_token')
@ApiProblems(Unauthenticated)
export class InstallationController {
  constructor(private readonly state: InstallationState) {}

  @Get()
  @ApiOperation({
    operationId: 'getInstallation',
    summary: 'Read which database this installation knows, and whether it is on hold',
  })
  @ApiOkResponse({ type: InstallationDto })
  async get(): Promise<InstallationDto> {
    return InstallationDto.of(await this.state.get());
  }

  /** No message, poll or key check leaves any more. Messages are accepted and callbacks taken. */
  @Post('hold')
  @HttpCode(200)
  @ApiOperation({ operationId: 'holdInstallation', summary: 'Stop every call to the provider' })
  @ApiBody({ type: HoldReasonDto, required: false })
  @ApiOkResponse({ type: InstallationDto })
  @ApiProblems(InvalidRequest)
  async hold(
    @OptionalBody() body: HoldReasonDto,
    @CurrentActor() actor: Actor,
  ): Promise<InstallationDto> {
    await this.state.hold('operator', body.reason ?? null, actor);
    return this.get();
  }

  /**
   * Ends a hold and takes the present marks of the database for its own. After a restore run `after-restore` first:
   * what lies in the queue would be sent a second time.
   */
  @Post('release')
  @HttpCode(200)
  @ApiOperation({ operationId: 'releaseInstallation', summary: 'End the hold and send again' })
  @ApiBody({ type: HoldReasonDto, required: false })
  @ApiOkResponse({ type: InstallationDto })
  @ApiProblems(InvalidRequest)
  async release(
    @OptionalBody() body: HoldReasonDto,
    @CurrentActor() actor: Actor,
  ): Promise<InstallationDto> {
    await this.state.release(body.reason ?? null, actor);
    return this.get();
  }
}
