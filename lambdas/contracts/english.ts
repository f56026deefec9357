import * as z from 'zod/mini';
import en from 'zod/v4/locales/en.js';

/** Who imports this is told in English what is wrong with a value; without a language every message that a schema does not bring itself is "Invalid input". */
z.config(en());
