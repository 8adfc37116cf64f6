"""How the functions call Firestore and read its documents."""
