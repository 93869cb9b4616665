import { BatchDefaultsDto, BatchMessageDto } from './dto/create-batch.dto.js';
import { ButtonDto, CreateMessageDto } from './dto/create-message.dto.js';
import { Shape } from './shape.js';

const button = new Shape(ButtonDto);

export const messageShape = new Shape(CreateMessageDto, { button });
export const batchMessageShape = new Shape(BatchMessageDto, { button });
export const batchDefaultsShape = new Shape(BatchDefaultsDto, { button });
