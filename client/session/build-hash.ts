/** Put in by the build (vite.config.ts); absent where sources run unbuilt, in unit tests. */
declare const __BUILD_HASH__: string | undefined;

export const BUILD_HASH: string = typeof __BUILD_HASH__ === "undefined" ? "unbuilt" : __BUILD_HASH__;
