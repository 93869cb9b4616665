// Loaded before a gateway (`--import`): this process believes that the time of day is another one. The monotonic clock,
// timers and every Date that is made from a value stay as they are.
const aheadMs = Number(process.env['CHAOS_CLOCK_AHEAD_MS'] ?? 0);
const nowMs = Date.now.bind(Date);
const isNow = (values) => values.length === 0;

globalThis.Date = new Proxy(Date, {
  construct: (target, values, newTarget) =>
    Reflect.construct(target, isNow(values) ? [nowMs() + aheadMs] : values, newTarget),
  apply: (target) => new target(nowMs() + aheadMs).toString(),
  get: (target, property, receiver) =>
    property === 'now' ? () => nowMs() + aheadMs : Reflect.get(target, property, receiver),
});
