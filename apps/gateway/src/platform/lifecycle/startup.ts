import { Injectable } from '@nestjs/common';

/** Whether the start is over. Said once, it stays said. */
@Injectable()
export class Startup {
  private isOver = false;

  get over(): boolean {
    return this.isOver;
  }

  finish(): void {
    this.isOver = true;
  }
}
