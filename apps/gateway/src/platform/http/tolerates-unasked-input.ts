import { SetMetadata } from '@nestjs/common';

export const toleratesInput = Symbol('tolerates input');

/** For probes: whatever a monitoring system hangs on their URL changes nothing. */
export const ToleratesUnaskedInput = () => SetMetadata(toleratesInput, true);
