import { useEffect, useState } from 'react';

/** Microphones of this computer; their names are known once the permission is given. */
export function useMicrophones(): { id: string; label: string }[] {
  const [found, setFound] = useState<{ id: string; label: string }[]>([]);
  useEffect(() => {
    if (!('mediaDevices' in navigator)) return;
    const media = navigator.mediaDevices;
    const look = async () => {
      const all = await media.enumerateDevices();
      const inputs = all.filter((device) => device.kind === 'audioinput' && device.deviceId !== '');
      setFound(inputs.map((device, at) => ({ id: device.deviceId, label: device.label || `Microphone ${at + 1}` })));
    };
    void look();
    media.addEventListener('devicechange', look);
    return () => {
      media.removeEventListener('devicechange', look);
    };
  }, []);
  return found;
}
