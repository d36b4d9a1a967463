import "../session/zod-without-eval.ts";

// Not imported beside it: a chunk of schemas that both need would be evaluated first. And one after the other: to read all of it in
// one task takes long on a slow processor.
await import("../../shared/sdk/paritab-client.ts");
await import("./show-dashboard.tsx");
