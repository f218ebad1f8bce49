import { getRouteApi, useRouter } from '@tanstack/react-router';

import SignIn from '@/features/auth/pages/sign-in';

const route = getRouteApi('/login');

export default function Login() {
  const { next } = route.useSearch();
  const router = useRouter();
  return (
    <SignIn
      next={next}
      onDone={(path) => {
        router.history.push(path);
      }}
    />
  );
}
