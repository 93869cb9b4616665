import { ApiPropertyOptional } from '@nestjs/swagger';
import { IsIn, IsOptional, IsString } from 'class-validator';
import { ListQueryDto } from '../../tenants/index.js';
import { proofVerdicts, type ProofVerdict } from '../proof-figures.js';

/** Which days to show. */
export class ListReconciliationsQueryDto extends ListQueryDto {
  /**
   * Only days with this verdict.
   * @example 'failed'
   */
  @ApiPropertyOptional({ enum: proofVerdicts, enumName: 'ProofVerdict' })
  @IsOptional()
  @IsIn(proofVerdicts)
  verdict?: ProofVerdict;
}

/** Which days of which tenants to show. */
export class AdminReconciliationsQueryDto extends ListReconciliationsQueryDto {
  /**
   * Only days of this tenant.
   * @example 'ten_01jf8z5v3we2r9n6k4q7t0xyzb'
   */
  @IsOptional()
  @IsString()
  tenant_id?: string;
}
