import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { ArrayMaxSize, IsArray, IsIn, IsOptional, IsString, Length } from 'class-validator';
import type { StopWords } from '../stop-words.service.js';
import { suppressionCategories, type SuppressionCategory } from '../suppression.js';

const mostWords = 100;
const wordLength = { min: 1, max: 60 } as const;

/** Which replies end the writing to whoever sends them. */
export class StopWordsDto {
  /**
   * A reply that is one of these enters its sender into the suppressions. Case, punctuation, emoji and blanks around it
   * do not count; a reply that says more than the word is none.
   * @example ['stop', 'стоп', 'відписатися']
   */
  words!: string[];

  /**
   * What is stopped then.
   * @example 'all'
   */
  @ApiProperty({ enum: suppressionCategories })
  category!: SuppressionCategory;

  /**
   * Whether these are the defaults: English, Kazakh, Polish, Romanian, Russian, Spanish and Ukrainian words.
   * @example true
   */
  is_default!: boolean;

  /**
   * When they were set; null where they are the defaults.
   * @example '2026-03-01T09:05:01.318Z'
   */
  @ApiProperty({ type: String, format: 'date-time', nullable: true })
  updated_at!: string | null;

  static of({ words, category, updatedAt }: StopWords): StopWordsDto {
    return {
      words: [...words],
      category,
      is_default: updatedAt === null,
      updated_at: updatedAt?.toISOString() ?? null,
    };
  }
}

/** A tenant's own stop words, instead of all that it had. */
export class SetStopWordsDto {
  /**
   * At most 100 words or short sentences, each of 1 to 60 characters with a letter or a digit. Empty: no reply is a stop
   * word. Left out or null: the defaults, with which `category` cannot be given.
   * @example ['stop', 'стоп']
   */
  @ApiPropertyOptional({
    type: 'array',
    nullable: true,
    items: { type: 'string', minLength: wordLength.min, maxLength: wordLength.max },
    maxItems: mostWords,
  })
  @IsOptional()
  @IsArray()
  @ArrayMaxSize(mostWords)
  @IsString({ each: true })
  @Length(wordLength.min, wordLength.max, { each: true })
  words?: string[] | null;

  /**
   * What a stop word stops: `promotional` messages only, or `all`. Left out or null: all.
   * @example 'all'
   */
  @ApiPropertyOptional({ enum: suppressionCategories, nullable: true, default: 'all' })
  @IsOptional()
  @IsIn(suppressionCategories)
  category?: SuppressionCategory | null;
}
