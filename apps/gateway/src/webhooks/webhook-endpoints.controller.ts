import {
  Body,
  Controller,
  Delete,
  Get,
  HttpCode,
  Param,
  Patch,
  Post,
  Query,
  UseGuards,
} from '@nestjs/common';
import {
  ApiAcceptedResponse,
  ApiBearerAuth,
  ApiBody,
  ApiCreatedResponse,
  ApiExtraModels,
  ApiNoContentResponse,
  ApiOkResponse,
  ApiOperation,
  ApiTags,
} from '@nestjs/swagger';
import {
  ApiProblems,
  InvalidRequest,
  NotFound,
  Overloaded,
  Unauthenticated,
} from '../platform/errors/index.js';
import { UrlNotAllowed } from '../platform/outbound/index.js';
import {
  AccountNotAllowed,
  AccountUnknown,
  ApiKeyExpired,
  ApiKeyGuard,
  ApiKeyRevoked,
  CurrentActor,
  CurrentCaller,
  InsufficientScope,
  InvalidCursor,
  ListQueryDto,
  OptionalBody,
  readPageRequest,
  requireId,
  RequireScope,
  TenantSuspended,
  type Actor,
  type Caller,
} from '../tenants/index.js';
import { EndpointEventDataDto } from './dto/endpoint-event.dto.js';
import {
  ListWebhookDeliveriesQueryDto,
  ReplayedWebhooksDto,
  ReplayWebhooksDto,
  WebhookDeliveryDto,
  WebhookDeliveryListDto,
  WebhookTestDto,
} from './dto/webhook-delivery.dto.js';
import {
  CreatedWebhookEndpointDto,
  CreateWebhookEndpointDto,
  RotatedSecretDto,
  RotateSecretDto,
  UpdateWebhookEndpointDto,
  WebhookEndpointDto,
  WebhookEndpointListDto,
} from './dto/webhook-endpoint.dto.js';
import { changedEndpoint, newEndpoint, readReplay } from './read-endpoint.js';
import { WebhookDeliveries } from './webhook-deliveries.js';
import { WebhookEndpointsService } from './webhook-endpoints.service.js';
import { WebhookTester } from './webhook-tester.js';
import {
  EndpointDisabled,
  ReplayTooLarge,
  ReplayTooOld,
  TooManySigningSecrets,
  TooManyWebhookEndpoints,
  WebhooksOnHold,
} from './webhooks.errors.js';

const defaultOverlapSeconds = 86_400;

@Controller('v1/webhook-endpoints')
@UseGuards(ApiKeyGuard)
@ApiTags('Webhooks')
@ApiBearerAuth('api_key')
@ApiExtraModels(EndpointEventDataDto)
@ApiProblems(Unauthenticated, ApiKeyExpired, ApiKeyRevoked, InsufficientScope)
export class WebhookEndpointsController {
  constructor(
    private readonly endpoints: WebhookEndpointsService,
    private readonly deliveries: WebhookDeliveries,
    private readonly tester: WebhookTester,
  ) {}

  /** The secret that signs its deliveries is shown only in this answer. */
  @Post()
  @RequireScope('webhooks:write')
  @ApiOperation({ operationId: 'createWebhookEndpoint', summary: 'Make a webhook endpoint' })
  @ApiCreatedResponse({ type: CreatedWebhookEndpointDto })
  @ApiProblems(
    InvalidRequest,
    TenantSuspended,
    UrlNotAllowed,
    AccountNotAllowed,
    AccountUnknown,
    TooManyWebhookEndpoints,
  )
  async create(
    @CurrentCaller() caller: Caller,
    @Body() body: CreateWebhookEndpointDto,
    @CurrentActor() actor: Actor,
  ): Promise<CreatedWebhookEndpointDto> {
    return CreatedWebhookEndpointDto.shown(
      await this.endpoints.create(caller, newEndpoint(body), actor),
    );
  }

  @Get()
  @RequireScope('webhooks:read')
  @ApiOperation({
    operationId: 'listWebhookEndpoints',
    summary: 'List the webhook endpoints, newest first',
  })
  @ApiOkResponse({ type: WebhookEndpointListDto })
  @ApiProblems(InvalidRequest, InvalidCursor)
  async list(
    @CurrentCaller() caller: Caller,
    @Query() query: ListQueryDto,
  ): Promise<WebhookEndpointListDto> {
    return WebhookEndpointListDto.of(await this.endpoints.list(caller, readPageRequest(query)));
  }

  @Get(':id')
  @RequireScope('webhooks:read')
  @ApiOperation({ operationId: 'getWebhookEndpoint', summary: 'Read a webhook endpoint' })
  @ApiOkResponse({ type: WebhookEndpointDto })
  @ApiProblems(NotFound)
  async get(@CurrentCaller() caller: Caller, @Param('id') id: string): Promise<WebhookEndpointDto> {
    return WebhookEndpointDto.of(await this.endpoints.get(caller, requireId('whe', id)));
  }

  @Patch(':id')
  @RequireScope('webhooks:write')
  @ApiOperation({
    operationId: 'updateWebhookEndpoint',
    summary: 'Change, enable or disable a webhook endpoint',
  })
  @ApiOkResponse({ type: WebhookEndpointDto })
  @ApiProblems(
    InvalidRequest,
    NotFound,
    TenantSuspended,
    UrlNotAllowed,
    AccountNotAllowed,
    AccountUnknown,
  )
  async update(
    @CurrentCaller() caller: Caller,
    @Param('id') id: string,
    @Body() body: UpdateWebhookEndpointDto,
    @CurrentActor() actor: Actor,
  ): Promise<WebhookEndpointDto> {
    const endpointId = requireId('whe', id);
    return WebhookEndpointDto.of(
      await this.endpoints.update(caller, endpointId, changedEndpoint(body), actor),
    );
  }

  /** What waits for it is not delivered any more. */
  @Delete(':id')
  @HttpCode(204)
  @RequireScope('webhooks:write')
  @ApiOperation({ operationId: 'deleteWebhookEndpoint', summary: 'Delete a webhook endpoint' })
  @ApiNoContentResponse()
  @ApiProblems(NotFound, TenantSuspended)
  async delete(
    @CurrentCaller() caller: Caller,
    @Param('id') id: string,
    @CurrentActor() actor: Actor,
  ): Promise<void> {
    await this.endpoints.delete(caller, requireId('whe', id), actor);
  }

  /** Calls it now with an event of the type `webhook.test`, and answers with what came of it, after ten seconds at most. */
  @Post(':id/test')
  @HttpCode(200)
  @RequireScope('webhooks:write')
  @ApiOperation({ operationId: 'testWebhookEndpoint', summary: 'Try a webhook endpoint out' })
  @ApiOkResponse({ type: WebhookTestDto })
  @ApiProblems(NotFound, TenantSuspended, WebhooksOnHold, Overloaded)
  async test(@CurrentCaller() caller: Caller, @Param('id') id: string): Promise<WebhookTestDto> {
    return WebhookTestDto.of(await this.tester.test(caller, requireId('whe', id)));
  }

  /** Deliveries carry a signature of each secret that is valid. The new one is shown only in this answer. */
  @Post(':id/rotate-secret')
  @HttpCode(200)
  @RequireScope('webhooks:write')
  @ApiOperation({
    operationId: 'rotateWebhookSecret',
    summary: 'Put another signing secret in place',
  })
  @ApiBody({ type: RotateSecretDto, required: false })
  @ApiOkResponse({ type: RotatedSecretDto })
  @ApiProblems(InvalidRequest, NotFound, TenantSuspended, TooManySigningSecrets)
  async rotateSecret(
    @CurrentCaller() caller: Caller,
    @Param('id') id: string,
    @OptionalBody() body: RotateSecretDto,
    @CurrentActor() actor: Actor,
  ): Promise<RotatedSecretDto> {
    const endpointId = requireId('whe', id);
    const overlapSeconds = body.overlap_seconds ?? defaultOverlapSeconds;
    return RotatedSecretDto.of(
      await this.endpoints.rotateSecret(caller, endpointId, overlapSeconds, actor),
    );
  }

  /** Kept for seven days; what waits still, for as long as it does. */
  @Get(':id/deliveries')
  @RequireScope('webhooks:read')
  @ApiOperation({
    operationId: 'listWebhookDeliveries',
    summary: 'List the deliveries to an endpoint, newest event first',
  })
  @ApiOkResponse({ type: WebhookDeliveryListDto })
  @ApiProblems(InvalidRequest, InvalidCursor, NotFound)
  async listDeliveries(
    @CurrentCaller() caller: Caller,
    @Param('id') id: string,
    @Query() query: ListWebhookDeliveriesQueryDto,
  ): Promise<WebhookDeliveryListDto> {
    const page = readPageRequest(query);
    const endpointId = requireId('whe', id);
    return WebhookDeliveryListDto.of(
      await this.deliveries.list(caller, endpointId, query.status ?? null, page),
    );
  }

  /** One more attempt at once and, should it fail, all those behind it; whatever became of it before. */
  @Post(':id/deliveries/:delivery/retry')
  @HttpCode(202)
  @RequireScope('webhooks:write')
  @ApiOperation({ operationId: 'retryWebhookDelivery', summary: 'Deliver an event once more' })
  @ApiAcceptedResponse({ type: WebhookDeliveryDto })
  @ApiProblems(NotFound, TenantSuspended, EndpointDisabled)
  async retry(
    @CurrentCaller() caller: Caller,
    @Param('id') id: string,
    @Param('delivery') delivery: string,
  ): Promise<WebhookDeliveryDto> {
    const [endpointId, eventId] = [requireId('whe', id), requireId('evt', delivery)];
    return WebhookDeliveryDto.of(await this.deliveries.retry(caller, endpointId, eventId));
  }

  /** Delivers all events of a time, each under the `webhook-id` that it had, also those that arrived already. */
  @Post(':id/replay')
  @HttpCode(202)
  @RequireScope('webhooks:write')
  @ApiOperation({
    operationId: 'replayWebhooks',
    summary: 'Deliver the events of a time once more',
  })
  @ApiAcceptedResponse({ type: ReplayedWebhooksDto })
  @ApiProblems(
    InvalidRequest,
    NotFound,
    TenantSuspended,
    EndpointDisabled,
    ReplayTooLarge,
    ReplayTooOld,
  )
  async replay(
    @CurrentCaller() caller: Caller,
    @Param('id') id: string,
    @Body() body: ReplayWebhooksDto,
  ): Promise<ReplayedWebhooksDto> {
    const endpointId = requireId('whe', id);
    return { events: await this.deliveries.replay(caller, endpointId, readReplay(body)) };
  }
}
