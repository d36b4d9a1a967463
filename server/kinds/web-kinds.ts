/** What each kind of job brings to the web: one line a kind. */
import { inferenceWeb } from "./inference/web/inference-web.ts";
import { matmulWeb } from "./matmul/matmul-web.ts";
import { regressionWeb } from "./regression/regression-web.ts";

export const WEB_KINDS = { inference: inferenceWeb, regression: regressionWeb, matmul: matmulWeb };

type WebKinds = typeof WEB_KINDS;
type PortOf<Kind extends keyof WebKinds> = Parameters<WebKinds[Kind]["addRoutes"]>[1];
/** Kinds whose jobs are asked something that others are not. */
type KindWithPort = { [Kind in keyof WebKinds]: PortOf<Kind> extends null ? never : Kind }[keyof WebKinds];
/** What jobs of one kind alone are asked, by kind. */
export type KindPorts = { readonly [Kind in KindWithPort]: PortOf<Kind> };
