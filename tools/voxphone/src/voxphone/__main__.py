from voxphone.cli import main

main()
