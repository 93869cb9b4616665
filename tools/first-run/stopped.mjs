/** The start cannot go on: one sentence for a person, whom a stack would only distract. */
export class Stopped extends Error {}
