import "../session/zod-without-eval.ts";
import { inTurn } from "../ui/in-turn.ts";

// Not imported beside zod's settings: as in the dashboard's main.tsx.
await inTurn([
  () => import("../../shared/kinds/inference/answers.ts"),
  () => import("../../shared/protocol/operator-api.ts"),
  () => import("../../shared/kinds/inference/submission.ts"),
  () => import("../../shared/kinds/regression/submission.ts"),
  () => import("../../shared/sdk/paritab-client.ts"),
  () => import("./show-operator.tsx"),
]);
