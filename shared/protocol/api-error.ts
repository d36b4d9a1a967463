/** How the API says that something went wrong. */

/** Every error: HTTP status >= 400 and this body. */
export interface ApiError {
  error: { code: string; message: string };
}
