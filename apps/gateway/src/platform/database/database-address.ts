/** Where the database is, with the embedded one already started. Made once, before the application. */
export class DatabaseAddress {
  /** @param url login of the running product @param ownerUrl login of migrations @param directUrl past a pooler, for LISTEN */
  constructor(
    readonly url: string,
    readonly ownerUrl: string,
    readonly directUrl: string,
    readonly poolSize: number,
  ) {}
}
