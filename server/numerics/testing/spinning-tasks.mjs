/** Tasks for tests of the pool: they hold their thread for as long as they are told. */
export const NUMERICS_TASKS = {
  async spin({ ms }: { readonly ms: number }): Promise<number> {
    const startMs = performance.now();
    while (performance.now() - startMs < ms);
    return ms;
  },
  async end(): Promise<never> {
    process.exit(7);
  },
};
