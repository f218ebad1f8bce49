import { useQuery } from '@tanstack/react-query';

import { ApiKeysPage } from '@/features/apikeys/pages/api-keys';
import { botNamesQuery } from '@/features/bots/api/bots';

export default function ApiKeys() {
  const bots = useQuery(botNamesQuery);
  return <ApiKeysPage bots={bots.data ?? []} />;
}
