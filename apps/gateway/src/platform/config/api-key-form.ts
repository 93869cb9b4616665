/**
 * What an API key looks like, with its prefix and its secret. It stands here and not with the keys, because
 * DEV_API_KEY is checked together with the rest of the environment.
 */
export const apiKeyForm = /^tyr_live_([0-9A-Za-z]{3,32})_([\w-]{16,128})$/;
