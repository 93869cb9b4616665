import { Controller, Post, UseGuards } from '@nestjs/common';
import { ApiBearerAuth, ApiCreatedResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import { ApiProblems, Unauthenticated } from '../platform/errors/index.js';
import { AdminGuard, CurrentActor, type Actor } from '../tenants/index.js';
import { CallbackKeys } from './callback-keys.js';
import { CallbackUrls } from './callback-urls.js';
import { CallbackKeyRotationDto } from './dto/callback-key.dto.js';

@Controller('admin/callback-keys')
@UseGuards(AdminGuard)
@ApiTags('Operators: callbacks')
@ApiBearerAuth('admin_token')
@ApiProblems(Unauthenticated)
export class CallbackKeysController {
  constructor(
    private readonly callbackKeys: CallbackKeys,
    private readonly callbackUrls: CallbackUrls,
  ) {}

  /** URLs that are out already go on working: for statuses six days, for replies for ever. */
  @Post('rotate')
  @ApiOperation({ operationId: 'rotateCallbackKey', summary: 'Sign callback URLs with a new key' })
  @ApiCreatedResponse({ type: CallbackKeyRotationDto })
  async rotate(@CurrentActor() actor: Actor): Promise<CallbackKeyRotationDto> {
    const rotation = await this.callbackKeys.rotate(actor);
    // The rotation stands; where this look fails, the next one is ten seconds away, as on the other replicas.
    await this.callbackUrls.refresh().catch(() => undefined);
    return CallbackKeyRotationDto.of(rotation);
  }
}
