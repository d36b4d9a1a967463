import "../session/zod-without-eval.ts";
import { afterSchemas } from "../ui/after-schemas.ts";

// Not imported beside zod's settings: a chunk of schemas that both need would be evaluated first.
await afterSchemas(() => import("./show-operator.tsx"));
