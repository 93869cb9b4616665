// Loaded into each child of `npm start` with --import: when the launcher dies without having said
// so (kill -9), its channel closes, and the child ends as it does on SIGTERM.
const HARD_EXIT_MS = 30_000;

process.channel?.unref();
process.once('disconnect', () => {
  setTimeout(() => process.exit(1), HARD_EXIT_MS).unref();
  process.kill(process.pid, 'SIGTERM');
});
