/** The environment everything is in unless another is named. */
export const DEFAULT_ENVIRONMENT = "main";
