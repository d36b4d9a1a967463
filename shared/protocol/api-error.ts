/** How the API says that something went wrong. */
import { z } from "zod";

/** Every error: HTTP status >= 400 and this body. */
export const apiErrorSchema = z
  .object({
    error: z.object({
      code: z.string(),
      message: z.string(),
    }),
  })
  .meta({ id: "ApiError" });
export type ApiError = z.infer<typeof apiErrorSchema>;
