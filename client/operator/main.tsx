import "../session/zod-without-eval.ts";

// Not imported beside it, and one after the other: as in the dashboard's main.tsx.
await import("../../shared/sdk/paritab-client.ts");
await import("./show-operator.tsx");
