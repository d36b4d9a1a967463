/** Tasks for tests of the pool: they hold their thread for as long as they are told. */
export const NUMERICS_TASKS = {
  /** @param {{ readonly ms: number }} input */
  async spin({ ms }) {
    const startMs = performance.now();
    while (performance.now() - startMs < ms);
    return ms;
  },
  async end() {
    process.exit(7);
  },
};
