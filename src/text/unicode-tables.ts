// Made by unicode-tables.generate.mjs; unit-map.ts unpacks it. Case is Unicode 16's.

export const LOWER_CASE =
  "K'E#='O7E#:''E#*'G'%;++%&+'%++'%:+$J4#%&+,P'#%%+$O?$%'O=%'$%,GA#O7%($%(O=$OA(P)$P%$%0P)$P-(P/#%&+$P7" +
  "$%(P7,%(P7$%'P5%'#%%+$P9$%0%?'%&''%&''%&'%++'%,+''%&(%(I$$F2#%7+$K&'%,+<DD[9$%(M($DD[3,%(O($G-$G1#%(" +
  "+DN#%%+,%D$J+;E/%*%E-%''G#%*&FA'E#4''E#,'G03D#%/+4F:,%(0$%+K&&'#H#3'#E#D#'I#%4+D#%>+$A#%*+'%D3+'F#D)" +
  "'QN'UG#D)'(UG#8UG#FR+FYG#E3'#3)'M[0%;JOBD.'+JOB&'DR#%E.+D$VC@'%D3+D#2+'D#2)'D+2+'D#2+'D#2)'D/2'+?2+'" +
  "F#2+'D#2+'D#2+'D#2%'#G6%'$4D/H.''$4D/2%'#I*%'D32%'#IB%'$0D/JB%'#J>%'$4DO(UV<0WZ@$WS.<D;H7D#3'E0%GE+D" +
  "7='LH#F#D3'I$%(DDX0$LP.$DDW0+%&+$DDZ:$DDX<#DDZ@%((%,%D#DEC@%'#%D5+?%%+0%IHI7%:+E+%1+S;%*++%B+D'%%+$F" +
  "PK*#%(+0%(GHT2+%%++%-+$GHV*$GHV@$GHV8$GHV$$GHV*(GHS&$GHT6$GHS,$EK##%++$EB$GHV($FPN2#%%+$GHX0$%0%7%&+" +
  "$GIM$F$%GNQ/E#='";

export const UPPER_CASE =
  "O'DB='J,DX1H+DB:''DB*'$J5'$;++$&+'$++'$:+'$&+$O)+$%+($0$8$,I%0$$M)$GIM%,K'+$&+($4$,$/$%+($0$(F37$%&'" +
  "$%&'$%&'$++&G@'$,+'$%&($/$7++$,+@$+DECA%'($3$(+%DDZA%*.DDZ;(P&$O>'O<%''O6%*&GHVA0O<$GHV9(O@$GHX1$GHT" +
  "3$GHV+(P$$P($GHV+$DDX1$GHV%,P((DDX=$P,,P.@DDW1,P6(GHV)$P60GHT7$P6$G,#P4%'$G08P8D,GHS-$GHS'W<H+H/$%+," +
  "$/K'&'H;E.%(#E,%''DB4'#D@%&#DB+'#FB%($F@(F>$F40E@$F.$2'$/+&H.$GB$1$J*(HB,$,$I3DBD#'#GB3''$4+D#$>+'$*" +
  "+&@'$D3+I#EBD)'QN'JP#D.'+JP#&'FW#2)'MY+RR>%($RR*#RR&%'$RR($RQ:$RN,$FPG'($DG<FPK+0LP/E$FPN3Q+$E.+4F87" +
  "$D3+%3+'D#3)'D+3+'D#3+'D#3)'D/3'+?3+'D#G7%'#H/''#I+%'#K#%'#J#%'#J?%'+3+'D#3+'D#3+'D#3%'(5D,UC,45D33%" +
  "'D;3%'01D85DU,D:G'B3'4$GH/D6='LJ;EBD3'($0DD[8$DD[2'$&+8$,$D+$D5+?$%+0$D3UFBD)'(UFB8UFBIG[/$:+E+$1+S;" +
  "$*++$B+D'$%+'$(+0$3$%+&F#+$-+D+$++/$%+($0$7$&+F($GJ4EJBF3FYFBE3'GIY'DB='";

export const BASE_LETTERS =
  "DF#I%)&''%(#'&&#+'&'-%'#%'&+/'&#+%)#D2&)#'')$%/%()#'')$%/%')3%%*''&)3'&)/%&)+)&)#%')#%%)+%))#'%+')&)" +
  "G(8D</F8D*(3(/'/()'D*%)$K-0J@(+'+%)$DL)$DL24(01(<(K-(D''L0%)#+%)#+%)#/%)#)%)#)%)#&%*,8@0(+'7')$7DU4E" +
  "E#F02#+&($D#F(:#;%)..(735%&O4I/E;(%&(&0E)4D:$&$9F$F'L,F@D;.%),-0M+'M(%*+'%)$/0M9(L:'6&)$+0+";

export const COMBINING_MARKS = "[#F3W4D0D3%&%&$E,)D?6D'$";

export const PUNCTUATION =
  "D$&')*'1%(%?&'$?$%$D'$)$'$.%($'$XB$,$Q6)D2%D8$%$&$&$D0%9%&%2$%&E0'F-$D/1J:&D<2D1$K)%/$G0$F<$F=$O*$0$" +
  "N3$E>$.%H-23$D)'E.$E.(,%F4)H4$V(,H#$V1$D0%E3&E-%GB&'&D+.M'%I=%G%*+)H)%/*D&&FB'DB(E&%E%+6$DC@;D#7801/" +
  "D-%3%V>'D$%DKB1E@%D$-O@9E8'D'%Z@'(%F5$G3D2D3D#D%/P2&*-//?$0$F&$E>$DOF&%K2&F)$.$F7)O%'E=%D-&'$D5%D4$F" +
  "%0@%FA'G%%5%J>$DDC6%I5-D#D&D'12$($%%G:&')*'1%(%?&'$?$%$%*";

export const NUMBERS =
  "D3-G%%*$&&DW'-G3-I3-P)-G#-1)F5-G#-G#-/)F70G#-5*F1-F5*16G#-F--G#-E37L#-E3-Y<7DF(&J5-3-D#-L9-G-.H3-3-I" +
  "#-F#-G3-3-DK#$')/-I3D6D8(Y>D?G-9W/ADV*$[-$=,:&M='G1-D++,2D2-D42DNZ2-I)-M-)H#-D3-I3-D#-F#-P#-DDR#-";
