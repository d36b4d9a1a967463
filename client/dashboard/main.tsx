import "../session/zod-without-eval.ts";

// Not imported beside it: a chunk of schemas that both need would be evaluated first.
void import("./show-dashboard.tsx");
