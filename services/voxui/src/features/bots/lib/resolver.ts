import { zodResolver } from '@hookform/resolvers/zod';
import type { Resolver } from 'react-hook-form';

import type { BotForm } from './form';
import { botSchema } from './schema';

/** The schema names only what it checks; the rest of the form passes through it. */
export const botResolver = zodResolver(botSchema) as unknown as Resolver<BotForm>;
